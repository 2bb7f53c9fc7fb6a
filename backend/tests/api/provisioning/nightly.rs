//! The comparison of every night, with several processes on one database.

use chrono::{DateTime, TimeZone as _, Utc};
use datapass::schedule::reconcile;
use datapass::state::AppState;

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
