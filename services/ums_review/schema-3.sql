-- Officers who signed in at the console; the browser has the id, this table its SHA-256 (shared/web/sessions.py).
create table ums_review.web_session (
    id_sha256 bytea primary key,
    officer_id text not null,
    region text not null,
    roles text[] not null,
    csrf text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    ended_at timestamptz
);
create index web_session_officer on ums_review.web_session (officer_id) where ended_at is null;
create index web_session_started on ums_review.web_session (started_at);

-- The search by the number of the talon.
create index review_talon on ums_review.review (talon) where round > 0;
