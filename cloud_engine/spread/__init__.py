"""The service on many processes and machines, by Ray Serve. The engine and the service know nothing of it."""
