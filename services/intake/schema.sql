create table intake.application (
    "application_id" uuid primary key,
    "opened" boolean not null,
    "turned_away" boolean not null,
    "iin" text,
    "iin_index" text not null,
    "expires" date,
    "form_since" timestamptz,
    "uploads" jsonb not null,
    "form" jsonb,
    "last_revision" bigint not null,
    "waiting_form" jsonb,
    "photo_revision" bigint not null,
    "photo_returned" bigint not null,
    "photo_since" timestamptz,
    "signature" jsonb,
    "signatures" bigint not null,
    "registering" text not null,
    "registration_held" boolean not null,
    "registration_refused" boolean not null,
    "registration_overdue" boolean not null,
    "talon" text not null,
    "documentation_code" text not null,
    "registered_on" date,
    "recall_ordered" boolean not null,
    "recall_due" boolean not null,
    "recalling" boolean not null,
    "recalled" boolean not null,
    "circumstances" jsonb not null,
    "facts" jsonb not null,
    "reporting" bigint not null,
    "result_request" text not null,
    "closing" text,
    "ending" text,
    "closed_at" timestamptz
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

create table intake.identity_refusal (
    "seq" bigint generated always as identity primary key,
    "application_id" uuid not null,
    "iin_index" text not null,
    "at" timestamptz not null
);
create index identity_refusal_application_id on intake.identity_refusal (application_id);
revoke update, delete, truncate on intake.identity_refusal from intake;
