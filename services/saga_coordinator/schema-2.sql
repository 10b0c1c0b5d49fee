-- What operations look at: what is stuck, what an answer sent to them, and what is open (to see who watches it).
create index case_stuck on saga_coordinator.case_state (stuck_since) where stuck_since is not null;
create index case_attention on saga_coordinator.case_state (application_id) where attention <> '';
create index case_open on saga_coordinator.case_state (application_id) where ending is null;
