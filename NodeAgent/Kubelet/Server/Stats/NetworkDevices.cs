using System.Globalization;

namespace Flotilla.NodeAgent.Kubelet.Server.Stats;

/// <summary>What went over a pod's network interface, as its processes see it in <c>/proc/PID/net/dev</c>.</summary>
internal static class NetworkDevices
{
    private const int SendColumn = 8;
    private const int ErrorColumn = 2;

    public static InterfaceUsage? Of(IReadOnlyList<int>? processes)
    {
        var file = processes is [var first, ..] ? $"/proc/{first}/net/dev" : null;
        try
        {
            return file is null || !File.Exists(file) ? null : Parse(File.ReadLines(file)).FirstOrDefault(one => one.Name == "eth0") is { Name: not null } found ? found : null;
        }
        catch (IOException)
        {
            // The process has ended between the two looks.
            return null;
        }
    }

    /// <summary>Two lines of headings, then <c>eth0: 90 1 0 0 0 0 0 0 110 2 …</c>: bytes, packets, errors, … received, then sent.</summary>
    public static IEnumerable<InterfaceUsage> Parse(IEnumerable<string> lines) =>
        from line in lines.Skip(2)
        let parts = line.Split(':', 2)
        let counts = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(text => ulong.Parse(text, CultureInfo.InvariantCulture)).ToArray()
        select new InterfaceUsage(parts[0].Trim(), counts[0], counts[ErrorColumn], counts[SendColumn], counts[SendColumn + ErrorColumn]);
}
