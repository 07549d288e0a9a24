using System.Globalization;

namespace Flotilla.Provisioner.Machines;

/// <summary>What this process may do (capabilities(7)).</summary>
internal static class Capabilities
{
    private const int SysResource = 24;

    public static bool HasSysResource() => Has(SysResource, File.ReadLines("/proc/self/status"));

    internal static bool Has(int capability, IEnumerable<string> status)
    {
        const string effective = "CapEff:";
        var line = status.First(line => line.StartsWith(effective, StringComparison.Ordinal));
        var mask = ulong.Parse(line[effective.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (mask & (1UL << capability)) != 0;
    }
}
