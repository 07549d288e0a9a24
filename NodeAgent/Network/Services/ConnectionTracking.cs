using System.Globalization;
using System.Text.RegularExpressions;
using Flotilla.NodeAgent.Network.Commands;

namespace Flotilla.NodeAgent.Network.Services;

/// <summary>
/// UDP has no end of a connection: a client that keeps asking from one port would be sent to its old endpoint, or to none, for ever. So
/// the kernel is told to forget the flows of Services that no longer go where they should.
/// </summary>
internal sealed partial class ConnectionTracking(ICommandRunner commands)
{
    private readonly Dictionary<string, IReadOnlyDictionary<UdpFrontend, string[]>> known = new(StringComparer.Ordinal);

    /// <summary>Takes where UDP goes from now on; looks at the kernel's flows only when that changed.</summary>
    public async Task UpdateAsync(IReadOnlyDictionary<string, ServiceRules> changed, CancellationToken cancellationToken)
    {
        var touched = new Dictionary<UdpFrontend, string[]>();
        foreach (var (service, rules) in changed)
        {
            var before = known.GetValueOrDefault(service, ServiceRules.None.Udp);
            foreach (var frontend in before.Keys.Except(rules.Udp.Keys)) { touched[frontend] = []; }
            foreach (var (frontend, endpoints) in rules.Udp)
            {
                if (!before.TryGetValue(frontend, out var old) || !old.SequenceEqual(endpoints)) { touched[frontend] = endpoints; }
            }
            if (rules.Udp.Count > 0) { known[service] = rules.Udp; }
            else { known.Remove(service); }
        }
        if (touched.Count > 0) { await ForgetAsync(touched, cancellationToken); }
    }

    private async Task ForgetAsync(Dictionary<UdpFrontend, string[]> touched, CancellationToken cancellationToken)
    {
        foreach (Match flow in Flow.Matches(await commands.RunAsync("conntrack", ["-L", "-p", "udp"], null, cancellationToken)))
        {
            var (to, port, answeredBy) = (flow.Groups["to"].Value, int.Parse(flow.Groups["port"].ValueSpan, CultureInfo.InvariantCulture), flow.Groups["by"].Value);
            // A node port has no address of its own: what was not translated may be anybody's.
            var isStale = touched.TryGetValue(new(to, port), out var endpoints)
                ? !endpoints.Contains(answeredBy)
                : touched.TryGetValue(new(null, port), out endpoints) && to != answeredBy && !endpoints.Contains(answeredBy);
            if (isStale) { await DeleteAsync(flow, cancellationToken); }
        }
    }

    private async Task DeleteAsync(Match flow, CancellationToken cancellationToken)
    {
        string[] names = ["-s", flow.Groups["from"].Value, "-d", flow.Groups["to"].Value, "--sport", flow.Groups["fromPort"].Value, "--dport", flow.Groups["port"].Value];
        try
        {
            await commands.RunAsync("conntrack", ["-D", "-p", "udp", .. names], null, cancellationToken);
        }
        catch (CommandFailedException exception) when (exception.Message.Contains("0 flow entries", StringComparison.Ordinal))
        {
            // It ended by itself meanwhile.
        }
    }

    // udp 17 29 src=10.244.0.7 dst=10.96.4.2 sport=53704 dport=53 [UNREPLIED] src=10.244.0.5 dst=10.244.0.7 sport=5353 dport=53704 …
    [GeneratedRegex(@"src=(?<from>\S+) dst=(?<to>\S+) sport=(?<fromPort>\d+) dport=(?<port>\d+) (?:\[UNREPLIED\] )?src=(?<by>\S+) ", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Flow { get; }
}
