using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Flotilla.ClusterCore.Client.Objects;
using Flotilla.NodeAgent.Kubelet.Nodes;
using Microsoft.Extensions.Logging;

namespace Flotilla.NodeAgent.Kubelet.Problems;

/// <summary>Reads the machine's logs by rules: what passes becomes an event of the node, what stays one of its conditions.</summary>
internal sealed partial class ProblemDetector(IReadOnlyList<ProblemRules> logs, NodeEvents events, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, (string Reason, string Message)> found = new(StringComparer.Ordinal);

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
        if (log.Plugin == "kmsg" && SystemOutOfMemory().Match(line) is { Success: true } killed)
        {
            events.Warning("SystemOOM", $"System OOM encountered, victim process: {killed.Groups["task"].Value}, pid: {killed.Groups["pid"].Value}");
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

    /// <summary>What the kernel says when the machine itself had no memory left, and not one cgroup. The kubelet's own event, whatever the rules.</summary>
    [GeneratedRegex(@"oom-kill:constraint=CONSTRAINT_NONE,.*,task=(?<task>[^,]*),pid=(?<pid>[0-9]+),", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 100)]
    private static partial Regex SystemOutOfMemory();

    [LoggerMessage(Level = LogLevel.Information, Message = "The log {Plugin} {Path} cannot be watched for problems: {Reason}")]
    private static partial void LogUnreadable(ILogger logger, string plugin, string path, string reason);
}
