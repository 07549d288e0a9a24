namespace Flotilla.Portal.Cli.Output;

internal enum OutputFormat { Table, Json, Yaml }
