namespace Flotilla.EndToEnd.Platform;

/// <summary>What of a cluster is on the machine: everything that must be gone once it is deleted.</summary>
public static class MachineState
{
    public static async Task<IReadOnlyList<string>> FindTracesAsync(PlatformFixture platform, string clusterId)
    {
        var commands = $"""
            pgrep -fa '{clusterId}' | grep -v pgrep
            ip netns list | grep '{clusterId}'
            ip -o link | grep 'flt{clusterId}'
            nft list tables | grep '{clusterId}'
            find /sys/fs/cgroup -type d -name '{clusterId}'
            grep '{clusterId}' /proc/self/mountinfo
            true
            """;
        var found = (await platform.RunAsync(commands)).Text;
        return found.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
