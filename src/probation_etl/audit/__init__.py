"""What a store holds, proved, traced and handed out."""
