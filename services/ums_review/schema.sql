create table ums_review.review (
    "application_id" uuid primary key,
    "standing" text not null,
    "round" bigint not null,
    "region" text,
    "talon" text,
    "queued_at" timestamptz,
    "due_on" date,
    "warned" bigint not null,
    "lease_officer" text,
    "lease_token" text,
    "lease_until" timestamptz,
    "iin_index" text,
    "iin" text,
    "document" text,
    "person" text,
    "eligible" boolean not null,
    "expires" date,
    "birth_place" text,
    "birth_country" text,
    "form" jsonb,
    "photo" jsonb,
    "submission" jsonb,
    "registration" jsonb,
    "settled" boolean not null,
    "paid" boolean not null,
    "asked" boolean not null,
    "circumstance" text,
    "made" boolean not null,
    "closed" boolean not null,
    "verdict" jsonb,
    "spent" jsonb not null,
    "approved_once" boolean not null,
    "name_indexes" jsonb not null,
    "address_index" text,
    "withdrawal" text
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

create table ums_review.decision (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "decision_id" text not null,
    "round" bigint not null,
    "choice" text not null,
    "ground" text not null,
    "reasons" jsonb not null,
    "officer_id" text not null,
    "region" text not null,
    "lease_token" text not null,
    "decided_at" timestamptz not null,
    "payload_sha256" text not null,
    "cms" text not null
);
create index decision_application_id on ums_review.decision (application_id);
revoke update, delete, truncate on ums_review.decision from ums_review;

create table ums_review.note (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "officer_id" text not null,
    "about" text not null,
    "text" text not null
);
create index note_application_id on ums_review.note (application_id);
revoke update, delete, truncate on ums_review.note from ums_review;

create table ums_review.alert (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "region" text not null,
    "round" bigint not null,
    "percent" bigint not null,
    "whom" text not null
);
create index alert_application_id on ums_review.alert (application_id);
revoke update, delete, truncate on ums_review.alert from ums_review;

create table ums_review.signature (
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
create index signature_application_id on ums_review.signature (application_id);
revoke update, delete, truncate on ums_review.signature from ums_review;

create table ums_review.second_eyes (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "region" text not null,
    "wanted" boolean not null,
    "officer_id" text not null
);
create index second_eyes_application_id on ums_review.second_eyes (application_id);
revoke update, delete, truncate on ums_review.second_eyes from ums_review;

create table ums_review.second_word (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "decision_id" text not null,
    "officer_id" text not null,
    "agrees" boolean not null,
    "decided_at" timestamptz not null
);
create index second_word_application_id on ums_review.second_word (application_id);
revoke update, delete, truncate on ums_review.second_word from ums_review;
