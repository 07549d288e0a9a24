using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Problems;

/// <summary>Reads the machine's logs by rules: what passes becomes an event of the node, what stays one of its conditions.</summary>
/// <param name="cgroupRoot">The node's own: processes that the kernel kills in cgroups elsewhere are another node's on the same machine.</param>
internal sealed partial class ProblemDetector(IReadOnlyList<ProblemRules> logs, string cgroupRoot, NodeEvents events, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string Reason, string Message)> found = new(StringComparer.Ordinal);
    private bool killedElsewhere;

    /// <summary>Every condition that the rules know, false while nothing has been found.</summary>
    public IEnumerable<NodeCondition> Conditions => logs.SelectMany(log => log.Conditions).Select(condition => found.TryGetValue(condition.Type, out var problem)
        ? new NodeCondition { Type = condition.Type, Status = "True", Reason = problem.Reason, Message = problem.Message }
        : new NodeCondition { Type = condition.Type, Status = "False", Reason = condition.Reason, Message = condition.Message });

    /// <param name="changed">Called when a condition has become true.</param>
    public Task RunAsync(Action changed, CancellationToken cancellationToken) => Task.WhenAll(logs.Select(log => FollowAsync(log, changed, cancellationToken)));

    /// <returns>Whether a condition has become true.</returns>
    public bool Take(ProblemRules log, string line)
    {
        var changed = false;
        if (log.Plugin == "kmsg" && !TakeOutOfMemory(line))
        {
            return false;
        }

        foreach (var rule in log.Rules.Where(rule => Matches(rule, line)))
        {
            if (!rule.Permanent)
            {
                events.Warning(rule.Reason, line);
            }
            else if (found.TryAdd(rule.Condition, (rule.Reason, line)))
            {
                events.Warning(rule.Reason, $"Node condition {rule.Condition} is now: True, reason: {rule.Reason}, message: \"{line}\"");
                changed = true;
            }
        }

        return changed;
    }

    /// <summary>
    /// Two lines tell of a kill: <c>oom-kill:constraint=…,task_memcg=/a/b,task=tail,pid=7,uid=0</c>, then <c>Memory cgroup out of memory: Killed
    /// process 7 (tail)…</c>, which does not say where.
    /// </summary>
    /// <returns>Whether the line concerns this node.</returns>
    private bool TakeOutOfMemory(string line)
    {
        if (OutOfMemory().Match(line) is { Success: true } killed)
        {
            killedElsewhere = !killed.Groups["cgroup"].Value.StartsWith(cgroupRoot.TrimEnd('/') + "/", StringComparison.Ordinal);
            if (killed.Groups["constraint"].Value == "NONE")
            {
                events.Warning("SystemOOM", $"System OOM encountered, victim process: {killed.Groups["task"].Value}, pid: {killed.Groups["pid"].Value}");
            }
        }

        return !(killedElsewhere && line.StartsWith("Memory cgroup out of memory: ", StringComparison.Ordinal));
    }

    private static bool Matches(ProblemRule rule, string line)
    {
        try
        {
            return rule.Regex.IsMatch(line);
        }
        catch (RegexMatchTimeoutException)
        {
            // A line that a pattern cannot decide on in time is not worth the node's cpu.
            return false;
        }
    }

    private async Task FollowAsync(ProblemRules log, Action changed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await foreach (var line in ProblemLog.ReadAsync(log, clock, cancellationToken))
                {
                    if (Take(log, line))
                    {
                        changed();
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
            {
                LogUnreadable(logger, log.Plugin, log.LogPath, exception.Message);
            }

            await Task.Delay(RetryInterval, clock, cancellationToken);
        }
    }

    [GeneratedRegex(@"oom-kill:constraint=CONSTRAINT_(?<constraint>\w+),.*,task_memcg=(?<cgroup>[^,]*),task=(?<task>[^,]*),pid=(?<pid>[0-9]+),", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex OutOfMemory();

    [LoggerMessage(Level = LogLevel.Information, Message = "The log {Plugin} {Path} cannot be watched for problems: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string plugin, string path, string reason);
}
