using Flotilla.ClusterCore.Client.Objects;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary>The rules of the plugins' arguments.</summary>
internal static class ArgumentsValidation
{
    public static void Validate(KubeSchedulerProfile profile, string path, Problems problems)
    {
        var configs = profile.PluginConfig ?? [];
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < configs.Length; index++)
        {
            var (name, at) = (configs[index].Name, $"{path}[{index}]");
            if (!names.Add(name)) { problems.Add($"{at}: Duplicate value: \"{name}\""); }
            Validate(name, profile.Arguments, $"{at}.args", problems);
        }
    }

    private static void Validate(string name, PluginArguments arguments, string path, Problems problems)
    {
        switch (name)
        {
            case "DefaultPreemption": Validate(arguments.DefaultPreemption, path, problems); break;
            case "InterPodAffinity": Validate(arguments.InterPodAffinity, path, problems); break;
            case "NodeAffinity": CheckKind(arguments.NodeAffinity, path, problems); break;
            case "NodeResourcesBalancedAllocation": Validate(arguments.NodeResourcesBalancedAllocation, path, problems); break;
            case "NodeResourcesFit": Validate(arguments.NodeResourcesFit, path, problems); break;
            case "PodTopologySpread": Validate(arguments.PodTopologySpread, path, problems); break;
            case "VolumeBinding": Validate(arguments.VolumeBinding, path, problems); break;
        }
    }

    private static void CheckKind(PluginArgs args, string path, Problems problems)
    {
        var kind = args.GetType().Name;
        if ((args.Kind ?? kind) != kind) { problems.Add($"{path}: Invalid value: \"{args.Kind}\": has to match plugin args: {kind}"); }
    }

    private static void Validate(DefaultPreemptionArgs args, string path, Problems problems)
    {
        CheckKind(args, path, problems);
        problems.CheckRange($"{path}.minCandidateNodesPercentage", args.MinCandidateNodesPercentage, 0, 100);
        problems.Check(args.MinCandidateNodesAbsolute >= 0, $"{path}.minCandidateNodesAbsolute", args.MinCandidateNodesAbsolute, "not in valid range [0, inf)");
        problems.Check((args.MinCandidateNodesPercentage | args.MinCandidateNodesAbsolute) != 0, $"{path}.minCandidateNodesPercentage", 0,
            "cannot be zero at the same time as minCandidateNodesAbsolute");
    }

    private static void Validate(InterPodAffinityArgs args, string path, Problems problems)
    {
        CheckKind(args, path, problems);
        problems.CheckRange($"{path}.hardPodAffinityWeight", args.HardPodAffinityWeight, 0, 100);
    }

    private static void Validate(NodeResourcesBalancedAllocationArgs args, string path, Problems problems)
    {
        CheckKind(args, path, problems);
        for (var index = 0; index < args.Resources.Length; index++)
        {
            var (resource, at) = (args.Resources[index], $"{path}.resources[{index}]");
            if (Array.FindIndex(args.Resources, one => one.Name == resource.Name) < index) { problems.Add($"{at}.name: Duplicate value: \"{resource.Name}\""); }
            problems.Check(resource.Weight == 1, $"{at}.weight", resource.Weight, "must be 1");
        }
    }

    private static void Validate(NodeResourcesFitArgs args, string path, Problems problems)
    {
        CheckKind(args, path, problems);
        for (var index = 0; index < args.IgnoredResourceGroups.Length; index++)
        {
            var group = args.IgnoredResourceGroups[index];
            problems.Check(!group.Contains('/', StringComparison.Ordinal), $"{path}.ignoredResourceGroups[{index}]", group, "resource group name can't contain '/'");
        }
        Validate(args.ScoringStrategy, $"{path}.scoringStrategy", problems);
    }

    private static void Validate(ScoringStrategySpec strategy, string path, Problems problems)
    {
        problems.CheckSupported($"{path}.type", strategy.Type, "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio");
        for (var index = 0; index < strategy.Resources.Length; index++)
        {
            var (name, weight) = strategy.Resources[index];
            problems.Check(weight is > 0 and <= 100, $"{path}.resources[{index}].weight", weight, $"resource weight of {name} not in valid range (0, 100]");
        }
        var (ratio, wanted) = (strategy.RequestedToCapacityRatio, strategy.Type == "RequestedToCapacityRatio");
        if (wanted && ratio is null) { problems.Add($"{path}.requestedToCapacityRatio: Required value: must be specified when type is RequestedToCapacityRatio"); }
        else if (wanted) { Validate(ratio!.Shape, $"{path}.requestedToCapacityRatio.shape", problems); }
        else if (ratio is not null) { problems.Add($"{path}.requestedToCapacityRatio: Forbidden: must be nil when type is not RequestedToCapacityRatio"); }
    }

    private static void Validate(UtilizationShapePoint[] shape, string path, Problems problems)
    {
        if (shape.Length == 0) { problems.Add($"{path}: Required value: at least one point must be specified"); }
        for (var index = 0; index < shape.Length; index++)
        {
            var (utilization, score) = shape[index];
            problems.Check(index == 0 || shape[index - 1].Utilization < utilization, $"{path}[{index}].utilization", utilization, "values must be sorted in increasing order");
            problems.CheckRange($"{path}[{index}].utilization", utilization, 0, 100);
            problems.CheckRange($"{path}[{index}].score", score, 0, 10);
        }
    }

    private static void Validate(PodTopologySpreadArgs args, string path, Problems problems)
    {
        CheckKind(args, path, problems);
        problems.CheckSupported($"{path}.defaultingType", args.DefaultingType, "System", "List");
        problems.Check(args.DefaultingType != "System" || args.DefaultConstraints.Length == 0, $"{path}.defaultingType", args.DefaultingType, "when .defaultConstraints are not empty");
        for (var index = 0; index < args.DefaultConstraints.Length; index++) { Validate(args.DefaultConstraints[index], $"{path}.defaultConstraints[{index}]", problems); }
    }

    private static void Validate(TopologySpreadConstraint constraint, string path, Problems problems)
    {
        problems.Check(constraint.MaxSkew > 0, $"{path}.maxSkew", constraint.MaxSkew, "not in valid range (0, inf)");
        if (constraint.TopologyKey.Length == 0) { problems.Add($"{path}.topologyKey: Required value: can not be empty"); }
        problems.CheckSupported($"{path}.whenUnsatisfiable", constraint.WhenUnsatisfiable, "DoNotSchedule", "ScheduleAnyway");
        if (constraint.LabelSelector is not null) { problems.Add($"{path}.labelSelector: Forbidden: constraint must not define a selector, as they deduced for each pod"); }
    }

    private static void Validate(VolumeBindingArgs args, string path, Problems problems)
    {
        CheckKind(args, path, problems);
        problems.Check(args.BindTimeoutSeconds >= 0, $"{path}.bindTimeoutSeconds", args.BindTimeoutSeconds, "invalid BindTimeoutSeconds, should not be a negative value");
    }
}
