//! The executable: what one can ask of it.

use std::io::Write as _;
use std::process::ExitCode;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use datapass::administration::clients;
use datapass::audit::verify::{self, Head};
use datapass::backup::{self, Restored};
use datapass::config::Config;
use datapass::error::Error;
use datapass::models::statistics::Key;
use datapass::policies::source::Diagnostics;
use datapass::policies::{check, skeleton};
use datapass::server::{self, Server};
use datapass::state::AppState;
use datapass::trail::Trail;
use datapass::{
    administration, demo, identity, logging, models, openapi, reconciliation, rights, schedule, signing, statistics,
};
use shared::client::{AuthMethod, ClientWithSecret, NewClient, Userinfo};
use shared::user::{NewRoleChange, Role};

#[derive(Parser)]
#[command(version, about = "DataPass\u{a0}: les habilitations à utiliser des données à accès restreint")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Sert l’API, les pages et la remise des messages
    Serve {
        /// Crée des comptes et des demandes d’exemple (jamais en production)
        #[arg(long)]
        demo: bool,
    },
    /// Remet les messages et fait ce qui est dû, sans servir : à côté des serveurs d’une même base PostgreSQL
    Work,
    /// Met les tables de la base à jour, sans servir
    Migrate,
    /// Sauvegarde la base et les documents dans un répertoire vide, pendant que le serveur travaille
    Backup { directory: PathBuf },
    /// Restaure une sauvegarde à l’endroit vide que nomme la configuration
    Restore { directory: PathBuf },
    /// Écrit le document OpenAPI
    Openapi,
    /// Écrit les rappels et les archivages qui sont dus, sans rien faire (le serveur les fait chaque heure)
    Due,
    /// Demande aux gestionnaires d’API ce qu’ils tiennent ouvert et note les écarts (le serveur le fait chaque nuit)
    Reconcile,
    /// Les compteurs des statistiques publiques
    #[command(subcommand)]
    Statistics(StatisticsCommand),
    /// Vérifie le journal
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Écrit le tableau des droits, en Markdown
    Rights,
    /// Donne un rôle à une personne (administrator, API:manager, API:instructor…), ou le retire avec --remove
    Role {
        email: String,
        role: Role,
        /// La raison, conservée dans l’historique des rôles
        #[arg(long)]
        reason: String,
        #[arg(long)]
        remove: bool,
    },
    /// Raccorde d’autres services à la connexion intégrée
    #[command(subcommand)]
    Client(ClientCommand),
    /// Les comptes de la connexion intégrée
    #[command(subcommand)]
    Account(AccountCommand),
    /// Les clefs qui signent les jetons de la connexion intégrée (le serveur les renouvelle tous les 90 jours)
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Vérifie ou commence les fichiers de politique, un par API
    #[command(subcommand)]
    Policies(PoliciesCommand),
}

#[derive(Subcommand)]
enum StatisticsCommand {
    /// Recompte tout depuis l’historique des demandes, corrige les compteurs et écrit ceux qui étaient faux ; les décisions
    /// attendent pendant ce temps
    Recount,
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Recalcule la chaîne de toutes les entrées : le code de sortie est 1 si l’une d’elles n’est plus ce qu’elle était
    Verify {
        /// Tête notée lors d’une vérification antérieure, NUMÉRO:EMPREINTE : elle doit être encore là
        #[arg(long)]
        head: Option<Head>,
    },
}

#[derive(Subcommand)]
enum ClientCommand {
    /// Raccorde un service, et écrit son secret, cette fois seulement
    Add {
        /// Nom du service
        name: String,
        /// Identifiant du service ; choisi au hasard sans cette option
        #[arg(long)]
        id: Option<String>,
        /// Adresse de retour, exacte ; plusieurs fois s’il y en a plusieurs
        #[arg(long = "redirect-uri", required = true)]
        redirect_uris: Vec<String>,
        /// Adresse de retour après la déconnexion
        #[arg(long = "post-logout-redirect-uri")]
        post_logout_redirect_uris: Vec<String>,
        /// Ce que le service peut savoir, séparé par des virgules
        #[arg(long, value_delimiter = ',', default_value = "openid,email,profile,phone,organizations")]
        scopes: Vec<String>,
        /// Où le service montre son secret : `client_secret_basic` ou `client_secret_post`
        #[arg(long, default_value_t = AuthMethod::Basic)]
        auth_method: AuthMethod,
        /// Réponse de userinfo : plain ou signed
        #[arg(long, default_value_t = Userinfo::Plain)]
        userinfo: Userinfo,
    },
    /// Écrit la liste des services
    List,
    /// Renouvelle le secret d’un service ; l’ancien reste valable jusqu’au renouvellement suivant
    Rotate {
        id: String,
        /// L’ancien secret cesse d’être valable tout de suite
        #[arg(long)]
        now: bool,
    },
    /// Retire un service : ses jetons cessent d’être valables
    Remove { id: String },
}

#[derive(Subcommand)]
enum AccountCommand {
    /// Retire le second facteur de qui a perdu son application et ses codes de secours : vérifiez d’abord que c’est bien
    /// cette personne qui le demande
    RemoveSecondFactor { email: String },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Publie une nouvelle clef, qui signera dans un jour
    Rotate {
        /// Elle signe tout de suite et les autres disparaissent : à faire si l’une d’elles a pu être lue
        #[arg(long)]
        now: bool,
    },
    /// Écrit le nom de chaque clef, et depuis quand elle signe
    List,
}

#[derive(Subcommand)]
enum PoliciesCommand {
    /// Écrit chaque problème des fichiers ou des répertoires donnés, sous la forme fichier:ligne:colonne: problème
    Check {
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Commence la politique d’une nouvelle API, dans le répertoire courant
    New { slug: String },
}

#[actix_web::main]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Not `Debug`: an operator needs the sentence, not a backtrace. Problems of files begin with their place.
            let told = match error.downcast_ref::<Diagnostics>() {
                Some(problems) => writeln!(std::io::stderr(), "{problems}"),
                None => writeln!(std::io::stderr(), "datapass : {error:#}"),
            };
            drop(told);
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve { demo } => serve(Config { demo, ..Config::from_env()? }).await,
        Command::Work => {
            let config = Config::from_env()?;
            start_log(&config)?;
            server::work(config).await
        }
        Command::Migrate => AppState::open(Config::from_env()?, 0).await.map(drop),
        Command::Backup { directory } => back_up(&directory).await,
        Command::Restore { directory } => restore(&directory).await,
        Command::Openapi => Ok(std::io::stdout().write_all(openapi::text()?.as_bytes())?),
        Command::Role { email, role, reason, remove } => {
            let state = AppState::open(Config::from_env()?, 0).await?;
            let change = NewRoleChange { email, role, granted: !remove, reason };
            let person = administration::change(&state.db, state.context(), change).await?;
            state.audit.flush(&state.db).await?;
            let roles: Vec<String> = person.roles.iter().map(ToString::to_string).collect();
            Ok(writeln!(std::io::stdout(), "{}\u{a0}: {}", person.email, roles.join(", "))?)
        }
        Command::Reconcile => {
            let state = AppState::open(Config::from_env()?, 0).await?;
            let report = reconciliation::run(&state.db, &state.managers, &state.policies).await?;
            let reconciliation::Report { asked, drifting, unanswered } = report;
            let text = format!("{asked} accès comparés, {drifting} écarts, {unanswered} sans réponse");
            Ok(writeln!(std::io::stdout(), "{text}")?)
        }
        Command::Due => {
            let state = AppState::open(Config::from_env()?, 0).await?;
            for due in schedule::due(&state).await? {
                writeln!(std::io::stdout(), "{}\t{}", due.id, due.event)?;
            }
            for (id, opinion) in schedule::due_opinions(&state).await? {
                writeln!(std::io::stdout(), "{id}\topinion_reminder\t{opinion}")?;
            }
            Ok(())
        }
        Command::Statistics(StatisticsCommand::Recount) => recount_statistics().await,
        Command::Audit(AuditCommand::Verify { head }) => {
            let state = AppState::open(Config::from_env()?, 0).await?;
            let report = verify::verify(&state.db, head.as_ref()).await?;
            Ok(writeln!(std::io::stdout(), "{report}")?)
        }
        Command::Account(AccountCommand::RemoveSecondFactor { email }) => remove_second_factor(email).await,
        Command::Keys(command) => keys(command).await,
        Command::Client(command) => client(command).await,
        Command::Rights => Ok(std::io::stdout().write_all(rights::text()?.as_bytes())?),
        Command::Policies(PoliciesCommand::Check { paths }) => {
            Ok(writeln!(std::io::stdout(), "{}", check::run(&paths)?)?)
        }
        Command::Policies(PoliciesCommand::New { slug }) => {
            Ok(writeln!(std::io::stdout(), "{}", skeleton::write(&slug)?)?)
        }
    }
}

async fn back_up(directory: &Path) -> anyhow::Result<()> {
    let documents = backup::take(&Config::from_env()?, directory).await?;
    let text = format!("sauvegarde écrite dans {}, avec {documents} documents", directory.display());
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

async fn restore(directory: &Path) -> anyhow::Result<()> {
    let Restored { documents, head } = backup::restore(Config::from_env()?, directory).await?;
    let text = format!("sauvegarde restaurée, avec {documents} documents\u{a0}; journal intact, tête {head}");
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

/// Writes what was added to each counter, one to a line: month, measure, label, API.
async fn recount_statistics() -> anyhow::Result<()> {
    let state = AppState::open(Config::from_env()?, 0).await?;
    let missing = statistics::recount(&state.db).await?;
    for (key, missing) in missing.rows() {
        let Key { month, measure, label, target_api } = key;
        writeln!(std::io::stdout(), "{month}\t{measure}\t{label}\t{target_api}\t{missing:+}")?;
    }
    let text = match missing.rows().count() {
        0 => "tous les compteurs sont justes".to_owned(),
        1 => "1 compteur corrigé".to_owned(),
        many => format!("{many} compteurs corrigés"),
    };
    Ok(writeln!(std::io::stdout(), "{text}")?)
}

async fn remove_second_factor(email: String) -> anyhow::Result<()> {
    let state = AppState::open(Config::from_env()?, 0).await?;
    let trail = Trail::of_operator("account.second_factor.remove", "account");
    let done = format!("{email}\u{a0}: second facteur retiré, sessions fermées");
    let nobody = format!("aucun compte avec un second facteur n’a l’adresse {email}");
    trail.follow(identity::remove_second_factor(&state, email)).await.map_err(|error| match error {
        Error::NotFound => anyhow::Error::msg(nobody),
        other => other.into(),
    })?;
    state.audit.flush(&state.db).await?;
    Ok(writeln!(std::io::stdout(), "{done}")?)
}

async fn client(command: ClientCommand) -> anyhow::Result<()> {
    let state = AppState::open(Config::from_env()?, 0).await?;
    let db = &state.db;
    let text = match command {
        ClientCommand::List => {
            let clients = db.read(|connection| Ok(models::client::all(connection)?)).await?;
            clients.iter().fold(String::new(), |text, client| {
                format!("{text}{}\t{}\t{}\n", client.id, client.name, client.redirect_uris.join(" "))
            })
        }
        ClientCommand::Add { id, name, redirect_uris, post_logout_redirect_uris, scopes, auth_method, userinfo } => {
            let new = NewClient { id, name, redirect_uris, post_logout_redirect_uris, scopes, auth_method, userinfo };
            let trail = Trail::of_operator("client.create", "client");
            secret_text(&trail.follow(clients::add(db, new)).await?)
        }
        ClientCommand::Rotate { id, now } => {
            let trail = Trail::of_operator("client.rotate", "client");
            secret_text(&trail.follow(clients::rotate(db, id, !now)).await?)
        }
        ClientCommand::Remove { id } => {
            let text = format!("{id}\u{a0}: retiré\n");
            Trail::of_operator("client.remove", "client").follow(clients::remove(db, id)).await?;
            text
        }
    };
    state.audit.flush(db).await?;
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}

async fn keys(command: KeysCommand) -> anyhow::Result<()> {
    let state = AppState::open(Config::from_env()?, 0).await?;
    let lines = match command {
        KeysCommand::Rotate { now } => {
            let trail = Trail::of_operator("key.rotate", "key");
            let made = trail.follow(signing::rotate(&state, now)).await?;
            state.audit.flush(&state.db).await?;
            vec![made]
        }
        KeysCommand::List => {
            let keys = signing::all(&state).await?;
            keys.into_iter().map(|key| (key.kid, key.signs_from)).collect()
        }
    };
    for (kid, signs_from) in lines {
        writeln!(std::io::stdout(), "{kid}\t{}", signs_from.and_utc().to_rfc3339())?;
    }
    Ok(())
}

/// In the form of a file of variables.
fn secret_text(made: &ClientWithSecret) -> String {
    format!("CLIENT_ID={}\nCLIENT_SECRET={}\n", made.client.id, made.secret)
}

fn start_log(config: &Config) -> anyhow::Result<()> {
    let subscriber = logging::subscriber(&config.log, std::io::stderr);
    Ok(tracing_subscriber::util::SubscriberInitExt::try_init(subscriber)?)
}

async fn serve(config: Config) -> anyhow::Result<()> {
    start_log(&config)?;
    let server = Server::bind(config).await?;
    if server.state.config.demo {
        demo::fill(&server.state).await?;
    }
    std::io::stdout().write_all(demo::welcome(&server.state).as_bytes())?;
    let state = server.state.clone();
    server.run()?.await?;
    Ok(state.audit.close(&state.db).await?)
}
