-- A talon leads to its card; a point lists the cards on their way to it; a register lists its lines.
create index production_talon on production_dispatch.production (talon) where talon is not null;
create index production_point on production_dispatch.production (point, collect_until, talon)
    where standing in ('SHIPPED', 'READY');
create index register_line_register on production_dispatch.register_line (register);
