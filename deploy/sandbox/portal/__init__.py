"""The reference portal (ПЭП): it publishes what citizens do, shows them their statuses, drives invented citizens."""
