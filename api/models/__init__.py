"""What goes in and out over HTTP, each with an example for the OpenAPI document."""
