-- Officers who signed in at the issue desk; the browser has the id, this table its SHA-256 (shared/web/sessions.py).
create table production_dispatch.web_session (
    id_sha256 bytea primary key,
    officer_id text not null,
    region text not null,
    roles text[] not null,
    csrf text not null,
    started_at timestamptz not null,
    seen_at timestamptz not null,
    ended_at timestamptz
);
create index web_session_officer on production_dispatch.web_session (officer_id) where ended_at is null;
create index web_session_started on production_dispatch.web_session (started_at);

-- The cards of a point that nobody has come for yet.
create index production_waiting on production_dispatch.production (point, ready_on, talon)
    where standing in ('READY', 'UNCOLLECTED');
