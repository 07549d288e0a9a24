using System.CommandLine;
using Flotilla.Portal.Cli.Output;

namespace Flotilla.Portal.Cli.Commands;

/// <summary>Arguments and options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<OutputFormat> Output() => new("--output", "-o")
    {
        Description = "table, json or yaml",
        DefaultValueFactory = _ => OutputFormat.Table,
    };

    public static Option<bool> Yes() => new("--yes", "-y") { Description = "do not ask for the name" };

    public static Option<bool> Wait() => new("--wait", "-w") { Description = "wait until the operation is over" };

    public static Option<string> Project(bool required = false) => new("--project", "-p")
    {
        Description = "the project's name",
        Required = required,
    };

    public static Argument<string> Name(string of) => new("NAME") { Description = $"the {of}'s name" };

    public static Argument<Guid> Id(string of) => new("ID") { Description = $"the {of}'s id" };
}
