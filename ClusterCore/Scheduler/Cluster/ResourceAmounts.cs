namespace Flotilla.ClusterCore.Scheduler.Cluster;

/// <summary>Amounts of what a node has and pods ask for: CPU in thousandths, everything else in bytes or pieces.</summary>
internal sealed class ResourceAmounts
{
    public long MilliCpu { get; set; }

    public long Memory { get; set; }

    public long EphemeralStorage { get; set; }

    /// <summary>Only meaningful as a node's capacity.</summary>
    public long Pods { get; set; }

    /// <summary>Extended resources and huge pages; null while there is none.</summary>
    public Dictionary<string, long>? Scalars { get; private set; }

    public long this[string resource]
    {
        get => resource switch
        {
            ResourceNames.Cpu => MilliCpu,
            ResourceNames.Memory => Memory,
            ResourceNames.EphemeralStorage => EphemeralStorage,
            ResourceNames.Pods => Pods,
            _ => Scalars?.GetValueOrDefault(resource) ?? 0,
        };
        set
        {
            switch (resource)
            {
                case ResourceNames.Cpu: MilliCpu = value; break;
                case ResourceNames.Memory: Memory = value; break;
                case ResourceNames.EphemeralStorage: EphemeralStorage = value; break;
                case ResourceNames.Pods: Pods = value; break;
                default: (Scalars ??= new(StringComparer.Ordinal))[resource] = value; break;
            }
        }
    }

    /// <param name="sign">1 adds, -1 takes away.</param>
    public void Add(ResourceAmounts other, int sign = 1)
    {
        MilliCpu += sign * other.MilliCpu;
        Memory += sign * other.Memory;
        EphemeralStorage += sign * other.EphemeralStorage;
        if (other.Scalars is null) { return; }
        foreach (var (name, amount) in other.Scalars) { this[name] += sign * amount; }
    }

    /// <summary>Raises each amount to at least the other's: init containers run one after the other.</summary>
    public void RaiseTo(ResourceAmounts other)
    {
        MilliCpu = Math.Max(MilliCpu, other.MilliCpu);
        Memory = Math.Max(Memory, other.Memory);
        EphemeralStorage = Math.Max(EphemeralStorage, other.EphemeralStorage);
        if (other.Scalars is null) { return; }
        foreach (var (name, amount) in other.Scalars) { this[name] = Math.Max(this[name], amount); }
    }

    public bool IsSame(ResourceAmounts other) =>
        MilliCpu == other.MilliCpu && Memory == other.Memory && EphemeralStorage == other.EphemeralStorage
        && (Scalars ?? []).Count == (other.Scalars ?? []).Count && (Scalars ?? []).All(one => other[one.Key] == one.Value);

    public ResourceAmounts Clone() => new()
    {
        MilliCpu = MilliCpu,
        Memory = Memory,
        EphemeralStorage = EphemeralStorage,
        Pods = Pods,
        Scalars = Scalars is null ? null : new(Scalars, StringComparer.Ordinal),
    };
}

internal static class ResourceNames
{
    public const string Cpu = "cpu";
    public const string Memory = "memory";
    public const string EphemeralStorage = "ephemeral-storage";
    public const string Pods = "pods";

    /// <summary>Extended resources and huge pages.</summary>
    public static bool IsScalar(string name) => name is not (Cpu or Memory or EphemeralStorage or Pods);
}
