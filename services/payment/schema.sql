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
    "notice_reasons" jsonb not null,
    "notice_on" date,
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
    "kbk" text not null,
    "law_on" date,
    "outside_at" timestamptz
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

create table payment.reconciliation (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "external_id" text not null,
    "first" date not null,
    "last" date not null,
    "by" text not null,
    "scheduled" boolean not null,
    "lines" bigint not null,
    "in_flight" bigint not null,
    "differences" bigint not null,
    "mending" bigint not null,
    "totals" jsonb not null
);
create unique index reconciliation_external_id on payment.reconciliation (external_id);
revoke update, delete, truncate on payment.reconciliation from payment;

create table payment.reconciliation_line (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "run_id" uuid not null,
    "kind" text not null,
    "verdict" text not null,
    "id" text not null,
    "difference" text,
    "side" text,
    "application_id" uuid,
    "ours" bigint,
    "theirs" bigint,
    "day" date,
    "in_flight" boolean not null,
    "mending" boolean not null
);
create index reconciliation_line_application_id on payment.reconciliation_line (application_id);
revoke update, delete, truncate on payment.reconciliation_line from payment;

create table payment.mended (
    "seq" bigint generated always as identity primary key,
    "at" timestamptz not null,
    "application_id" uuid not null,
    "run_id" uuid not null,
    "receipt_id" text not null,
    "how" text not null
);
create index mended_application_id on payment.mended (application_id);
revoke update, delete, truncate on payment.mended from payment;
