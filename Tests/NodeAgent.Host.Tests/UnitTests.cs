using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Flotilla.NodeAgent.Host.Tests;

/// <summary>The unit by which systemd runs the agent on a machine that is a node.</summary>
public sealed partial class UnitTests
{
    private static readonly string Unit = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../../deploy/systemd/nodeagent.service"));

    [Fact]
    public async Task Systemd_understands_every_line()
    {
        var folder = Directory.CreateTempSubdirectory("flotilla-unit-").FullName;
        var copy = Path.Combine(folder, "nodeagent.service");
        // It looks whether the program is there.
        await File.WriteAllTextAsync(copy, (await File.ReadAllTextAsync(Unit)).Replace("/usr/local/bin/nodeagent", Cluster.Executable("NodeAgent.Host", "nodeagent"), StringComparison.Ordinal));
        var (code, output, error) = await Cluster.EndAsync(Process.Start(Piped("systemd-analyze", "verify", "--recursive-errors=no", "--man=no", copy))!, "");
        Directory.Delete(folder, recursive: true);
        Assert.True(code == 0 && !error.Contains("nodeagent.service", StringComparison.Ordinal), output + error);
    }

    [Fact]
    public async Task The_agent_is_stopped_before_what_it_needs_and_has_time_to_end_pods()
    {
        var lines = (await File.ReadAllLinesAsync(Unit)).Where(line => line.Contains('=')).Select(line => line.Split('=', 2)).Where(pair => !pair[0].StartsWith('#')).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(["containerd.service", "network-online.target"], lines["After"].Split(' ').Order());
        var (_, help, _) = await Cluster.EndAsync(Process.Start(Piped(Cluster.Executable("NodeAgent.Host", "nodeagent"), "run", "--help"))!, "");
        var grace = Number(ShutdownGrace().Match(help).Groups["seconds"].Value);
        Assert.True(Number(lines["TimeoutStopSec"]) > grace + 5, $"{lines["TimeoutStopSec"]} seconds, of which pods have {grace}");

        static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
    }

    private static ProcessStartInfo Piped(string program, params string[] arguments) =>
        new(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };

    [GeneratedRegex(@"--shutdown-grace-period <[^\n]*\[default: (?<seconds>[0-9]+)s\]", RegexOptions.ExplicitCapture | RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ShutdownGrace();
}
