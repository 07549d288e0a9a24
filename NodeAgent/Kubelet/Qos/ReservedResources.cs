using Flotilla.ClusterCore.Resources;

namespace Flotilla.NodeAgent.Kubelet.Qos;

/// <summary>Kept back from pods for the node's own processes: thousandths of a core, and bytes.</summary>
public readonly record struct ReservedResources(long MilliCpu, long Memory, long Disk)
{
    public static ReservedResources operator +(ReservedResources left, ReservedResources right) =>
        new(left.MilliCpu + right.MilliCpu, left.Memory + right.Memory, left.Disk + right.Disk);

    /// <param name="text">As <c>--system-reserved</c> and <c>--kube-reserved</c>: <c>cpu=100m,memory=200Mi,ephemeral-storage=1Gi</c>.</param>
    /// <exception cref="FormatException">What is wrong with the text.</exception>
    public static ReservedResources Parse(string text)
    {
        var reserved = default(ReservedResources);
        foreach (var entry in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var amount = entry.Split('=') is [_, var value] && Quantity.TryParse(value, out var parsed) ? parsed : throw new FormatException($"'{entry}' is not of the form RESOURCE=AMOUNT");
            reserved = entry.Split('=')[0] switch
            {
                "cpu" => reserved with { MilliCpu = amount.MilliValue },
                "memory" => reserved with { Memory = amount.Value },
                "ephemeral-storage" => reserved with { Disk = amount.Value },
                var name => throw new FormatException($"{name} cannot be reserved: cpu, memory and ephemeral-storage can"),
            };
        }

        return reserved;
    }
}
