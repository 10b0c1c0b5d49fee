create table eligibility.assessment (
    "application_id" uuid primary key,
    "settled" boolean not null,
    "closed" boolean not null,
    "confirmed" jsonb,
    "refused" jsonb,
    "unavailable" jsonb
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
