"""What do we hold? Documents, passages, spans: the truth."""
