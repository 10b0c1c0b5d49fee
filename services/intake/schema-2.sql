-- The door counts a person's identity refusals of the last 24 hours.
create index identity_refusal_person on intake.identity_refusal (iin_index, at);
