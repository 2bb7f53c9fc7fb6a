//! The executable: what one can ask of it.

use std::io::Write as _;
use std::process::ExitCode;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use datapass::app::{Server, State};
use datapass::audit::verify::{self, Head};
use datapass::config::Config;
use datapass::policies::source::Problems;
use datapass::policies::{check, skeleton};
use datapass::{administration, demo, openapi, rights, schedule};
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
    /// Met les tables de la base à jour, sans servir
    Migrate,
    /// Écrit le document OpenAPI
    Openapi,
    /// Écrit les rappels et les archivages qui sont dus, sans rien faire (le serveur les fait chaque heure)
    Due,
    /// Vérifie le journal
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Écrit le tableau des droits, en Markdown
    Rights,
    /// Donne un rôle à une personne (administrator, API:instructor…), ou le retire avec --remove
    Role {
        email: String,
        role: Role,
        /// La raison, conservée dans l’historique des rôles
        #[arg(long)]
        reason: String,
        #[arg(long)]
        remove: bool,
    },
    /// Vérifie ou commence les fichiers de politique, un par API
    #[command(subcommand)]
    Policies(PoliciesCommand),
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
            let told = match error.downcast_ref::<Problems>() {
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
        Command::Migrate => State::open(Config::from_env()?, 0).await.map(drop),
        Command::Openapi => Ok(std::io::stdout().write_all(openapi::text()?.as_bytes())?),
        Command::Role { email, role, reason, remove } => {
            let state = State::open(Config::from_env()?, 0).await?;
            let change = NewRoleChange { email, role, granted: !remove, reason };
            let person = administration::change(&state, change).await?;
            let roles: Vec<String> = person.roles.iter().map(ToString::to_string).collect();
            Ok(writeln!(std::io::stdout(), "{}\u{a0}: {}", person.email, roles.join(", "))?)
        }
        Command::Due => {
            let state = State::open(Config::from_env()?, 0).await?;
            for due in schedule::due(&state).await? {
                writeln!(std::io::stdout(), "{}\t{}", due.id, due.event)?;
            }
            for (id, opinion) in schedule::due_opinions(&state).await? {
                writeln!(std::io::stdout(), "{id}\topinion_reminder\t{opinion}")?;
            }
            Ok(())
        }
        Command::Audit(AuditCommand::Verify { head }) => {
            let state = State::open(Config::from_env()?, 0).await?;
            let report = verify::verify(&state.db, head.as_ref()).await?;
            Ok(writeln!(std::io::stdout(), "{report}")?)
        }
        Command::Rights => Ok(std::io::stdout().write_all(rights::text()?.as_bytes())?),
        Command::Policies(PoliciesCommand::Check { paths }) => {
            Ok(writeln!(std::io::stdout(), "{}", check::run(&paths)?)?)
        }
        Command::Policies(PoliciesCommand::New { slug }) => {
            Ok(writeln!(std::io::stdout(), "{}", skeleton::write(&slug)?)?)
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let log = tracing_subscriber::EnvFilter::builder().parse_lossy(&config.log);
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    let server = Server::bind(config).await?;
    if server.state.config.demo {
        demo::fill(&server.state).await?;
    }
    std::io::stdout().write_all(demo::welcome(&server.state).as_bytes())?;
    let state = server.state.clone();
    server.run()?.await?;
    Ok(state.audit.flush(&state.db).await?)
}
