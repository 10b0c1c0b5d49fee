create table intake.application (
    "application_id" uuid primary key,
    "opened" boolean not null,
    "turned_away" boolean not null,
    "iin" text,
    "iin_index" text not null,
    "phone" text,
    "email" text,
    "document" text not null,
    "channel" text not null,
    "locale" text not null,
    "identity_refused" boolean not null,
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
    "refusal" jsonb,
    "registration_overdue" boolean not null,
    "talon" text not null,
    "documentation_code" text not null,
    "registered_on" date,
    "recall_ordered" boolean not null,
    "recall_due" boolean not null,
    "recalling" boolean not null,
    "recalled" boolean not null,
    "circumstances" jsonb not null,
    "watch" text not null,
    "registry_status" text not null,
    "registry_status_at" timestamptz,
    "facts" jsonb not null,
    "reporting" bigint not null,
    "result_request" text not null,
    "withdrawal" jsonb,
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

create table intake.signature (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "what" text not null,
    "judged_for" timestamptz not null,
    "claimed_at" timestamptz,
    "payload_sha256" text not null,
    "certificate_sha256" text not null,
    "cms" text not null,
    "checked_by" text not null,
    "issuers" jsonb not null,
    "proofs" jsonb not null
);
create index signature_application_id on intake.signature (application_id);
revoke update, delete, truncate on intake.signature from intake;
