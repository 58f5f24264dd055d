"""What several tests share: made records, servers, signed requests."""
