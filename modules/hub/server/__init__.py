"""What runs inside users' servers: one file each, of the standard library alone, because the image is anybody's."""
