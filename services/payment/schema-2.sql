-- The ledger refuses a booking that does not sum to zero, twice over, and is never altered, whoever asks.

create index entry_booking on payment.entry (booking);
create index entry_outside on payment.entry ((coalesce(outside_at, at))) where account in ('treasury', 'refunded');

alter table payment.entry
    add constraint entry_moves_money check (amount <> 0),
    add constraint entry_has_a_ground check (rule <> '' and legal_ground <> '' and kbk ~ '^[0-9]{6}$'),
    add constraint entry_is_of_an_account
        check (account in ('receivable', 'treasury', 'suspense', 'earned', 'refund_due', 'refunded')),
    add constraint entry_once_an_account unique (booking, account);

-- By constraint: a booking is one row, made of the lines of one statement, and stands only when both sides are equal.
create table payment.booking (
    name text primary key,
    application_id uuid not null,
    debit bigint not null,
    credit bigint not null,
    constraint booking_is_balanced check (debit = credit and debit > 0)
);
revoke insert, update, delete, truncate on payment.booking from payment;

create function payment.make_bookings() returns trigger language plpgsql security definer
    set search_path = payment, pg_temp as $$
begin
    insert into payment.booking (name, application_id, debit, credit)
    select booking, application_id, coalesce(sum(amount) filter (where amount > 0), 0),
        coalesce(-sum(amount) filter (where amount < 0), 0)
    from added group by booking, application_id order by booking;
    return null;
end $$;

create trigger entry_is_of_a_booking after insert on payment.entry
    referencing new table as added for each statement execute function payment.make_bookings();

alter table payment.entry add constraint entry_of_booking
    foreign key (booking) references payment.booking (name) deferrable initially deferred;

-- By trigger: at the commit the lines themselves are summed, whatever the row of the booking says.
create function payment.booking_is_balanced() returns trigger language plpgsql as $$
begin
    if (select sum(amount) from payment.entry where booking = new.booking) <> 0 then
        raise exception 'booking % does not sum to zero', new.booking using errcode = 'check_violation';
    end if;
    return null;
end $$;

create constraint trigger entry_is_balanced after insert on payment.entry
    deferrable initially deferred for each row execute function payment.booking_is_balanced();

-- Only ever added to: neither changed, nor deleted, nor emptied, by the service's role or by the administrator.
create function payment.ledger_stands() returns trigger language plpgsql as $$
begin
    raise exception '% is only ever added to', tg_table_name using errcode = 'restrict_violation';
end $$;

create trigger entry_stands before update or delete or truncate on payment.entry
    for each statement execute function payment.ledger_stands();
create trigger booking_stands before update or delete or truncate on payment.booking
    for each statement execute function payment.ledger_stands();
create trigger alert_stands before update or delete or truncate on payment.alert
    for each statement execute function payment.ledger_stands();
create trigger reconciliation_stands before update or delete or truncate on payment.reconciliation
    for each statement execute function payment.ledger_stands();
create trigger reconciliation_line_stands before update or delete or truncate on payment.reconciliation_line
    for each statement execute function payment.ledger_stands();
create trigger mended_stands before update or delete or truncate on payment.mended
    for each statement execute function payment.ledger_stands();

-- What operations look at.
create index invoice_held on payment.invoice (assessed_on, application_id) where phase = 'HELD';
create index invoice_with_cases on payment.invoice (application_id) where cases <> '[]';
create index reconciliation_line_run on payment.reconciliation_line (run_id, seq);
create index mended_receipt on payment.mended (receipt_id);
create index mended_run on payment.mended (run_id);
