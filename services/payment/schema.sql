create table payment.invoice (
    "application_id" uuid primary key,
    "phase" text not null,
    "why" text,
    "round" bigint not null,
    "iin" text,
    "consent" text,
    "form_revision" bigint not null,
    "form_account" text,
    "refund_application" boolean not null,
    "changed_account" text,
    "changed_at" timestamptz,
    "account_changes" bigint not null,
    "talon" text not null,
    "approved" boolean not null,
    "notice_round" bigint not null,
    "notice_id" text not null,
    "notice_ground" text not null,
    "ended" boolean not null,
    "cause" text,
    "fee" bigint not null,
    "law" text not null,
    "assessed_on" date,
    "assessed" boolean not null,
    "rule" text not null,
    "legal_ground" text not null,
    "kbk" text not null,
    "category" text,
    "invoice_id" text not null,
    "pay_url" text not null,
    "until" timestamptz,
    "outage_since" timestamptz,
    "claimed" boolean not null,
    "held_for" text not null,
    "receipts" jsonb not null,
    "settled_by" text not null,
    "settled_invoice" text not null,
    "earned" boolean not null,
    "cases" jsonb not null,
    "answered" boolean not null,
    "answer_case" text not null,
    "answer_invoice" text not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

create table payment.entry (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "booking" text not null,
    "external_id" text not null,
    "account" text not null,
    "amount" bigint not null,
    "rule" text not null,
    "legal_ground" text not null,
    "kbk" text not null
);
create index entry_application_id on payment.entry (application_id);
create unique index entry_external_id on payment.entry (external_id);
revoke update, delete, truncate on payment.entry from payment;

create table payment.alert (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "what" text not null,
    "detail" text not null
);
create index alert_application_id on payment.alert (application_id);
revoke update, delete, truncate on payment.alert from payment;
