-- Order and payment of three lines, statement by statement.
\set user random(1, 100000)
\set product random(1, 998)
begin;
select * from products where id in (:product, :product + 1, :product + 2) order by id for update;
update products set stock = stock - 1, sold = sold + 1 where id = :product;
update products set stock = stock - 1, sold = sold + 1 where id = :product + 1;
update products set stock = stock - 1, sold = sold + 1 where id = :product + 2;
update users set balance = balance - 3000 where id = :user and balance >= 3000;
insert into entries (user_id, amount, balance_after) values (:user, -3000, 100);
insert into orders (user_id, total, status) values (:user, 3000, 'paid') returning id \gset
insert into order_items values (:id, :product, 1, 1000), (:id, :product + 1, 1, 1000), (:id, :product + 2, 1, 1000);
insert into outbox (payload) values ('{"a":1}');
commit;
