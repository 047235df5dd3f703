"""Small questions about a packet that was not answered, by what they look at."""
