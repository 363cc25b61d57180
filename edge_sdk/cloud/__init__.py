"""The way to the cloud: one request, the whole response or nothing."""
