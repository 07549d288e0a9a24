using System.Collections.Concurrent;
using Flotilla.ClusterCore.Resources;

namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>From the API's quantities to whole numbers. The same few texts come again and again, so what they mean is kept.</summary>
internal static class ResourceParser
{
    private const int Capacity = 4096;

    private static readonly ConcurrentDictionary<string, (long Value, long Milli)> Known = new(StringComparer.Ordinal);

    public static ResourceAmounts Parse(IReadOnlyDictionary<string, string> quantities)
    {
        var amounts = new ResourceAmounts();
        foreach (var (name, text) in quantities)
        {
            var (value, milli) = Parse(text);
            amounts[name] = name == ResourceNames.Cpu ? milli : value;
        }
        return amounts;
    }

    private static (long Value, long Milli) Parse(string text)
    {
        if (Known.TryGetValue(text, out var known)) { return known; }
        var parsed = Quantity.TryParse(text, out var quantity) ? (quantity.Value, quantity.MilliValue) : default;
        if (Known.Count < Capacity) { Known[text] = parsed; }
        return parsed;
    }
}
