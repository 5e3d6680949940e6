//! The databases that tests run on.

use signaling::platform::config::Database;
use uuid::Uuid;

/// Every database that tests run on: a new SQLite file, and a new PostgreSQL schema when there is a server.
pub(crate) async fn databases() -> Vec<Database> {
    let mut settings = vec![Database::default()];
    match std::env::var("DIEMCAU_TEST_POSTGRES") {
        Ok(url) => settings.push(new_schema(&url).await),
        Err(_) => assert!(
            std::env::var("DIEMCAU_REQUIRE_POSTGRES").as_deref() != Ok("1"),
            "DIEMCAU_TEST_POSTGRES must name a PostgreSQL server"
        ),
    }
    settings
}

/// The database of a server under test: SQLite, or PostgreSQL when `DIEMCAU_TEST_DATABASE` says `postgres`.
pub(crate) async fn default_database() -> Database {
    match std::env::var("DIEMCAU_TEST_DATABASE").as_deref() {
        Ok("postgres") => new_schema(&std::env::var("DIEMCAU_TEST_POSTGRES").unwrap()).await,
        _ => Database::default(),
    }
}

async fn new_schema(url: &str) -> Database {
    use sqlx::Connection as _;

    let schema = format!("test_{}", Uuid::now_v7().simple());
    let mut admin = sqlx::PgConnection::connect(url).await.unwrap();
    sqlx::query(sqlx::AssertSqlSafe(format!("CREATE SCHEMA {schema}")))
        .execute(&mut admin)
        .await
        .unwrap();
    let mark = if url.contains('?') { '&' } else { '?' };
    Database {
        url: format!("{url}{mark}options[search_path]={schema}"),
        connections: 4,
    }
}
