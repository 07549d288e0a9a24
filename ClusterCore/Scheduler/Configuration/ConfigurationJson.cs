using System.Text.Json.Serialization;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary>Strict: a field that is not known is an error and not a setting that is silently without effect.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(KubeSchedulerConfiguration))]
[JsonSerializable(typeof(DefaultPreemptionArgs))]
[JsonSerializable(typeof(InterPodAffinityArgs))]
[JsonSerializable(typeof(NodeAffinityArgs))]
[JsonSerializable(typeof(NodeResourcesBalancedAllocationArgs))]
[JsonSerializable(typeof(NodeResourcesFitArgs))]
[JsonSerializable(typeof(PodTopologySpreadArgs))]
[JsonSerializable(typeof(VolumeBindingArgs))]
internal sealed partial class ConfigurationJson : JsonSerializerContext;
