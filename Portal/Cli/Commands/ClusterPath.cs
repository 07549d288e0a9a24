namespace Flotilla.Portal.Cli.Commands;

/// <summary>A cluster's address in the API: its name, made unambiguous by its project where that is given.</summary>
internal static class ClusterPath
{
    public static string Of(string name, string rest, string? project) =>
        Query($"clusters/{Uri.EscapeDataString(name)}{rest}", project);

    public static string Query(string path, string? project) =>
        project is null ? path : $"{path}?project={Uri.EscapeDataString(project)}";
}
