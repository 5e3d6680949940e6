//! The two sets of migrations make the same tables.

use std::collections::BTreeMap;

use protocol::UtcMicros;
use protocol::api::Secrecy;
use signaling::org::points;
use signaling::platform::config::Database;
use signaling::schedule::sessions;

use crate::support::{TestStore, date, seed, stores};

/// Columns by table, in both words: name, and whether it may be NULL.
type Tables = BTreeMap<String, BTreeMap<String, bool>>;

#[tokio::test]
async fn sqlite_and_postgres_have_the_same_tables_and_columns() {
    let mut seen: Vec<Tables> = Vec::new();
    for test in stores().await {
        let rows: Vec<(String, String, bool)> = if test.database.url.is_empty() {
            let file = test.folder.path().join("diemcau.db");
            let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display()))
                .await
                .unwrap();
            sqlx::query_as(
                "SELECT m.name, c.name, c.\"notnull\" = 0 FROM sqlite_master m, pragma_table_info(m.name) c
                 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'",
            )
            .fetch_all(&pool)
            .await
            .unwrap()
        } else {
            let pool = sqlx::PgPool::connect(&test.database.url).await.unwrap();
            sqlx::query_as(
                "SELECT table_name::text, column_name::text, is_nullable = 'YES' FROM information_schema.columns
                 WHERE table_schema = current_schema()",
            )
            .fetch_all(&pool)
            .await
            .unwrap()
        };
        let mut tables = Tables::new();
        for (table, column, nullable) in rows {
            tables.entry(table).or_default().insert(column, nullable);
        }
        tables.remove("_sqlx_migrations");
        seen.push(tables);
    }
    assert!(
        seen[0].contains_key("session_event"),
        "{:?}",
        seen[0].keys()
    );
    assert_eq!(
        seen[0].len(),
        53,
        "a new table belongs into the documentation: {:?}",
        seen[0].keys()
    );
    for other in &seen[1..] {
        assert_eq!(&seen[0], other);
    }
}

#[test]
fn migrations_have_the_same_numbers() {
    let names = |database: &str| {
        let folder = format!("{}/migrations/{database}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("sqlite"), names("postgres"));
}

/// A moment at which the points are there.
const NOW: UtcMicros = UtcMicros(1_795_334_400_000_000);

/// Runs statements beside the store, as a migration does.
async fn execute(test: &TestStore, statements: &str) {
    let Database { url, .. } = &test.database;
    if url.is_empty() {
        let file = test.folder.path().join("diemcau.db");
        let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", file.display()))
            .await
            .unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
            .execute(&pool)
            .await
            .unwrap();
    } else {
        let pool = sqlx::PgPool::connect(url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(statements.to_owned()))
            .execute(&pool)
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn migration_gives_every_point_one_number_and_sessions_take_it() {
    for test in stores().await {
        let province = seed(&test.store, NOW).await;
        let [main, commune, school, other] = province.points;
        let id = province
            .session(&test.store, "GB-01", NOW, Secrecy::Normal, &[school, main])
            .await;
        // As it was before: the places of a session counted from one, and two points of one number.
        execute(
            &test,
            "DROP INDEX bridge_point_number;
             UPDATE bridge_point SET seat_order = 2 WHERE code IN ('DC-02', 'DC-04');
             UPDATE invitation SET seat_number = seat_number + 100;
             UPDATE invitation SET seat_number = 1 WHERE seat_number = 103;
             UPDATE invitation SET seat_number = 2 WHERE seat_number = 101;",
        )
        .await;
        execute(
            &test,
            include_str!("../../migrations/sqlite/0007_number_of_a_point.sql"),
        )
        .await;
        let mut conn = test.store.read().await.unwrap();
        let numbers: Vec<_> = points::all(&mut conn, &date("2026-11-30"))
            .await
            .unwrap()
            .into_iter()
            .map(|point| (point.id, point.number))
            .collect();
        assert_eq!(numbers, [(main, 1), (commune, 2), (school, 3), (other, 4)]);
        let seats: Vec<_> = sessions::seats(&mut conn, id)
            .await
            .unwrap()
            .into_iter()
            .map(|seat| (seat.code, seat.number))
            .collect();
        assert_eq!(seats, [("DC-01".to_owned(), 1), ("DC-03".to_owned(), 3)]);
    }
}
