create table saga_coordinator.case_state (
    "application_id" uuid primary key,
    "opened" boolean not null,
    "eligible" boolean not null,
    "form_revision" bigint not null,
    "returned_revision" bigint not null,
    "photo_revision" bigint not null,
    "submitted" boolean not null,
    "registered" boolean not null,
    "approved" boolean not null,
    "expires" text not null,
    "story" text not null,
    "version" bigint not null,
    "step" bigint not null,
    "begun" bigint not null,
    "pending" jsonb not null,
    "told" jsonb not null,
    "ending" text,
    "attention" text not null,
    "heard_at" timestamptz,
    "reached" bigint not null,
    "until" timestamptz,
    "whose" text not null,
    "refunds" jsonb not null,
    "notified" boolean not null,
    "stuck_since" timestamptz,
    "watch" jsonb not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

create table saga_coordinator.timeline (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "what" text not null,
    "name" text not null,
    "said_at" timestamptz not null,
    "message_id" uuid not null,
    "detail" text not null,
    "trace_id" uuid not null
);
create index timeline_application_id on saga_coordinator.timeline (application_id);
revoke update, delete, truncate on saga_coordinator.timeline from saga_coordinator;
