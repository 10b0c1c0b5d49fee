"""Keys, seals, canonical bytes, electronic signatures (ЭЦП) and encrypted images."""
