-- What the baselines work on: the tables that a team would make first. Numbers as ids, no history of holds, no outcomes.

drop table if exists users, entries, coupons, issued, products, orders, order_items, outbox cascade;

create table users (
  id bigint primary key,
  balance bigint not null check (balance >= 0),
  version int not null default 0
);

create table entries (
  id bigint generated always as identity primary key,
  user_id bigint not null,
  amount bigint not null,
  balance_after bigint not null,
  created_at timestamptz not null default now()
);

create table coupons (
  id bigint primary key,
  remaining int not null check (remaining >= 0)
);

create table issued (
  id bigint generated always as identity primary key,
  coupon_id bigint not null,
  user_id bigint not null,
  status text not null default 'issued',
  issued_at timestamptz default now(),
  unique (coupon_id, user_id)
);

create table products (
  id bigint primary key,
  name text,
  price bigint not null,
  stock int not null check (stock >= 0),
  sold bigint not null default 0
);

create table orders (
  id bigint generated always as identity primary key,
  user_id bigint,
  total bigint,
  status text,
  created_at timestamptz default now()
);

create table order_items (
  order_id bigint,
  product_id bigint,
  qty int,
  price bigint,
  primary key (order_id, product_id)
);

create table outbox (
  id bigint generated always as identity primary key,
  payload jsonb,
  created_at timestamptz default now()
);

insert into users select number, 1000000000 from generate_series(1, 100000) number;
insert into coupons values (1, 2000000000);
insert into products select number, 'p' || number, 1000, 2000000000 from generate_series(1, 1000) number;
analyze;
