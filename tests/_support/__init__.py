"""What tests share: the emulator, the evidence."""
