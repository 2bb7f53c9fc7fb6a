//! What is read most often: in how many statements, and that none of them is parsed anew each time.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use datapass::connection::AnyConnection;
use datapass::connection::types::now;
use datapass::error::Result;
use datapass::ids::EnrollmentId;
use datapass::models::enrollment::list::{self, ListQuery};
use datapass::models::session;
use datapass::transition::{self, Context, Tx, conversation, queue};
use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use serde_json::json;
use shared::rights::ListScope;

use crate::sessions::session_hash;
use crate::support::TestApp;

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = Text)]
    sql: String,
}

/// What the connection keeps prepared, and did not have to prepare once more for another value.
fn prepared(connection: &mut AnyConnection) -> BTreeSet<String> {
    let statements: Vec<Statement> = match connection {
        AnyConnection::Sqlite(c) => sql_query("SELECT sql FROM sqlite_stmt WHERE reprep = 0").load(c),
        AnyConnection::Postgres(c) => sql_query("SELECT statement AS sql FROM pg_prepared_statements").load(c),
    }
    .unwrap();
    statements.into_iter().map(|statement| statement.sql).collect()
}

/// The statements that this asks for, once the connection knows them, and those that it has to parse all the same.
async fn statements(
    app: &TestApp,
    work: impl Fn(&mut AnyConnection, &Context) -> Result<()> + Send + 'static,
) -> (Vec<String>, Vec<String>) {
    let context = app.state.context();
    let asked = app.state.db.read(move |connection| {
        work(connection, &context)?;
        work(connection, &context)?;
        let known = prepared(connection);
        let seen = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&seen);
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { query, .. } = event {
                let text = query.to_string();
                let (sql, _) = text.rsplit_once(" -- binds:").unwrap_or((&text, ""));
                told.lock().unwrap().push(sql.to_owned());
            }
        });
        let done = work(connection, &context);
        connection.set_instrumentation(None::<fn(InstrumentationEvent<'_>)>);
        done?;
        let asked = seen.lock().unwrap().clone();
        let parsed = asked.iter().filter(|sql| !known.contains(*sql)).cloned().collect();
        Ok((asked, parsed))
    });
    asked.await.unwrap()
}

#[tokio::test]
async fn reading_a_request_takes_two_statements_and_parses_none() {
    let app = TestApp::start();
    let instructor = app.actor("instructrice", &["api_particulier:instructor", "franceconnect:reporter"]).await;
    let id_hash = session_hash(&instructor);
    let applicant = app.actor("demandeur", &[]).await;
    let id = applicant.submitted("api_particulier").await;
    let path = format!("/api/enrollments/{id}/change_state");
    let ask =
        json!({"event": "request_changes", "comment": "Précisez.", "points": [{"field": "intitule", "comment": "?"}]});
    instructor.patch(&path, &ask).await.ok();
    applicant.patch(&path, &json!({"event": "submit", "comment": ""})).await.ok();

    let (asked, parsed) = statements(&app, move |connection, context| {
        let signed = session::find(connection, &id_hash, now().naive_utc())?.unwrap();
        let shown = transition::show(&mut Tx::new(connection, context, &signed.user), EnrollmentId(id))?;
        assert_eq!((shown.points.len(), shown.actions.is_empty()), (1, false));
        Ok(())
    })
    .await;
    assert_eq!(asked.len(), 2, "{asked:#?}");
    assert_eq!(parsed, [] as [&str; 0]);
}

#[tokio::test]
async fn the_first_page_of_a_list_parses_nothing() {
    let app = TestApp::start();
    let instructor = app.actor("instructrice", &["api_particulier:instructor", "franceconnect:reporter"]).await;
    let id_hash = session_hash(&instructor);
    let applicant = app.actor("demandeur", &[]).await;
    let number = applicant.submitted("api_particulier").await;
    applicant.submitted("franceconnect").await;

    let (asked, parsed) = statements(&app, move |connection, context| {
        let user = session::find(connection, &id_hash, now().naive_utc())?.unwrap().user;
        let scope = ListScope::of(&user, context.policies.current().values().map(AsRef::as_ref));
        let query = ListQuery { limit: 25, ..ListQuery::of(scope) };
        let (mut rows, _) = list::list(connection, &query)?;
        conversation::count_unread(connection, &user, &mut rows)?;
        queue::name_assignees(connection, &user, &mut rows)?;
        assert!(rows.iter().any(|row| row.id == number));
        Ok(())
    })
    .await;
    // Who it is; their own, those that name them, those of each API; unread messages.
    assert_eq!(asked.len(), 6, "{asked:#?}");
    assert_eq!(parsed, [] as [&str; 0]);
}
