"""Every message, one module per owner: what it says and what it obeys."""
