//! The comparison of every night, with several processes on one database.

use chrono::{DateTime, TimeZone as _, Utc};
use datapass::ids::{AuthorisationId, EnrollmentId};
use datapass::models::provisioning;
use datapass::schedule::reconcile;
use datapass::schema::authorisations;
use datapass::state::AppState;
use diesel::prelude::*;
use shared::policy::Delivery;

use super::{Scene, until};

fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2030, 1, day, hour, minute, 0).unwrap()
}

#[tokio::test]
async fn accesses_are_compared_once_a_night_whichever_process_does_it() {
    let scene = Scene::new().await;
    let id = scene.granted().await;
    until(&scene.applicant, id, "open").await;
    let one = &scene.app.state;
    let other = AppState::open(one.config.clone(), 0).await.unwrap();

    for early in [at(15, 0, 0), at(15, 1, 59)] {
        assert_eq!(reconcile(one, early).await.unwrap(), None);
    }
    let both = tokio::join!(reconcile(one, at(15, 2, 0)), reconcile(&other, at(15, 2, 0)));
    let mut reports = [both.0.unwrap(), both.1.unwrap()];
    reports.sort_by_key(Option::is_some);
    assert_eq!(reports.map(|report| report.map(|report| report.asked)), [None, Some(1)], "one of them, and all of it");
    for late in [at(15, 2, 59), at(15, 3, 0), at(15, 23, 0), at(16, 1, 0)] {
        assert_eq!(reconcile(one, late).await.unwrap(), None);
        assert_eq!(reconcile(&other, late).await.unwrap(), None);
    }
    assert!(reconcile(&other, at(16, 2, 30)).await.unwrap().is_some(), "the next night");
    assert_eq!(reconcile(one, at(16, 2, 45)).await.unwrap(), None);
}

#[tokio::test]
async fn every_access_of_a_request_is_compared_however_many_are_read_at_a_time() {
    let scene = Scene::new().await;
    let id = scene.granted().await;
    until(&scene.applicant, id, "open").await;
    let read = scene.app.state.db.write(move |c| {
        let id = EnrollmentId(id);
        let granted: AuthorisationId = authorisations::table.select(authorisations::id).first(c)?;
        for manager in [Delivery::PisteApplication, Delivery::HubeeSubscription] {
            provisioning::ask(c, id, manager, granted)?;
            provisioning::done(c, (id, manager), serde_json::Map::new(), "", chrono::Utc::now().naive_utc())?;
        }
        let mut read = Vec::new();
        while let Some(row) = provisioning::settled_after(c, read.last().copied(), 1)?.pop() {
            read.push((row.enrollment_id, row.manager.0));
        }
        Ok(read)
    });
    assert_eq!(read.await.unwrap().len(), 3, "one at a time");
}
