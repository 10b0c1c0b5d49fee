create table production_dispatch.production (
    "application_id" uuid primary key,
    "standing" text not null,
    "round" bigint not null,
    "region" text,
    "point" text,
    "talon" text,
    "certified" text,
    "annulled" boolean not null,
    "circumstance" text,
    "ending" text,
    "reports" jsonb not null,
    "told_spoiled" bigint not null,
    "told_registers" jsonb not null,
    "checked_in_on" date,
    "ready_on" date,
    "collect_until" date,
    "reminded" jsonb not null,
    "warned" jsonb not null,
    "issued_at" timestamptz,
    "issued_by" text,
    "old_card_taken" boolean not null,
    "to_destroy" boolean not null,
    "answers" jsonb not null,
    "register" text,
    "refused_for" text not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

create table production_dispatch.register_line (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "kind" text not null,
    "register" text not null,
    "talon" text not null,
    "shipment" text not null
);
create index register_line_application_id on production_dispatch.register_line (application_id);
revoke update, delete, truncate on production_dispatch.register_line from production_dispatch;

create table production_dispatch.register_cut (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "external_id" text not null,
    "kind" text not null,
    "place" text not null,
    "day" date not null,
    "cut_at" timestamptz not null
);
create index register_cut_application_id on production_dispatch.register_cut (application_id);
create unique index register_cut_external_id on production_dispatch.register_cut (external_id);
revoke update, delete, truncate on production_dispatch.register_cut from production_dispatch;

create table production_dispatch.alert (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "what" text not null,
    "whom" text not null,
    "detail" text not null
);
create index alert_application_id on production_dispatch.alert (application_id);
revoke update, delete, truncate on production_dispatch.alert from production_dispatch;

create table production_dispatch.signature (
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
create index signature_application_id on production_dispatch.signature (application_id);
revoke update, delete, truncate on production_dispatch.signature from production_dispatch;

create table production_dispatch.hand_over (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "act_id" text not null,
    "officer_id" text not null,
    "reason" text not null,
    "old_card_taken" boolean not null,
    "signed_for" timestamptz not null
);
create index hand_over_application_id on production_dispatch.hand_over (application_id);
revoke update, delete, truncate on production_dispatch.hand_over from production_dispatch;
