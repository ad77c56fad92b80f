CREATE STREAM imported (id INTEGER) FROM KAFKA (topic = 't', brokers = 'embedded:topics') FORMAT JSON;
CREATE TABLE imported_table LOCATION 'lake/imported';
CREATE TABLE not_written LOCATION 'lake/not_written';
INSERT INTO not_written SELECT id FROM imported;
