"""Values of the charts of the platform: one pure function a chart, and the service account each controller runs as."""
