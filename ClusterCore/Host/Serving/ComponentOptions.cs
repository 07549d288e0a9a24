using System.CommandLine;

namespace Flotilla.ClusterCore.Host.Serving;

/// <summary>
/// Which parts of a control plane this process is. With the API server, scheduler and controllers are its own clients; without it they are
/// clients of another one, ours or Kubernetes' own, that a kubeconfig names.
/// </summary>
internal static class ComponentOptions
{
    private const string ApiServer = "apiserver";
    private static readonly string[] known = [ApiServer, "scheduler", "controllers"];

    private static readonly Option<string> components = new("--components")
    {
        Description = "What to run: apiserver, scheduler, controllers.",
        DefaultValueFactory = _ => string.Join(',', known),
    };
    private static readonly Option<FileInfo?> kubeconfig = new("--kubeconfig") { Description = "Without the API server: the one to be clients of." };
    private static readonly Option<FileInfo?> signingCertificate = new("--cluster-signing-cert-file") { Description = "Without the API server: PEM certificate that signs certificate requests." };
    private static readonly Option<FileInfo?> signingKey = new("--cluster-signing-key-file") { Description = "PEM key of --cluster-signing-cert-file." };

    public static IEnumerable<Option> All => [components, kubeconfig, .. ClientsOnly];

    private static Option[] ClientsOnly => [signingCertificate, signingKey];

    /// <summary>Null, with the problem, when they make no sense together.</summary>
    /// <param name="serverOnly">Options that only an API server has a use for.</param>
    public static ServeOptions? Read(ParseResult parsed, ServeOptions options, IEnumerable<Option> serverOnly, out string problem)
    {
        var chosen = parsed.GetValue(components)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        problem = chosen.Length == 0 ? "--components wants at least one"
            : Array.Find(chosen, name => !known.Contains(name, StringComparer.Ordinal)) is { } unknown ? $"--components: \"{unknown}\" is none of {string.Join(", ", known)}"
            : chosen.Contains(ApiServer, StringComparer.Ordinal) ? ServerProblem(parsed, options)
            : ClientProblem(parsed, serverOnly);
        return problem.Length > 0 ? null : options with
        {
            Components = chosen,
            Kubeconfig = parsed.GetValue(kubeconfig)?.FullName,
            SigningCertificate = parsed.GetValue(signingCertificate)?.FullName,
            SigningKey = parsed.GetValue(signingKey)?.FullName,
        };
    }

    private static string ServerProblem(ParseResult parsed, ServeOptions options) =>
        Given(parsed, [kubeconfig, .. ClientsOnly]) is { } useless ? $"{useless} is for a scheduler and controllers without an API server: --components has one"
        : options.DataDirectory.Length == 0 ? "--data-dir is required: the API server keeps its keys and objects there"
        : "";

    private static string ClientProblem(ParseResult parsed, IEnumerable<Option> serverOnly) =>
        Given(parsed, serverOnly) is { } useless ? $"{useless} is for the API server: --components has none"
        : parsed.GetValue(kubeconfig) is null ? "--kubeconfig is required: --components has no API server, so it must name one"
        : parsed.GetValue(signingCertificate) is null != parsed.GetValue(signingKey) is null ? "--cluster-signing-cert-file and --cluster-signing-key-file must be set together"
        : "";

    private static string? Given(ParseResult parsed, IEnumerable<Option> options) =>
        options.FirstOrDefault(option => parsed.GetResult(option) is { Implicit: false })?.Name;
}
