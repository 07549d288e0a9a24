using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Flotilla.ClusterCore.Resources;
using Flotilla.ClusterCore.Scheduler.Plugins;

namespace Flotilla.ClusterCore.Scheduler.Configuration;

/// <summary>What is wrong with a configuration, each problem with the field it is about.</summary>
public sealed class SchedulerConfigurationException(string message) : Exception(message);

/// <summary>Reads a KubeSchedulerConfiguration from YAML or JSON: strictly, and whole or not at all.</summary>
public static class ConfigurationFile
{
    private const string ApiVersion = "kubescheduler.config.k8s.io/v1";
    private const string Kind = "KubeSchedulerConfiguration";

    /// <exception cref="SchedulerConfigurationException">It is not a valid configuration.</exception>
    public static async Task<KubeSchedulerConfiguration> LoadAsync(string path, CancellationToken cancellationToken) =>
        Parse(await File.ReadAllBytesAsync(path, cancellationToken));

    /// <exception cref="SchedulerConfigurationException">It is not a valid configuration.</exception>
    public static KubeSchedulerConfiguration Parse(ReadOnlySpan<byte> utf8)
    {
        var decoded = YamlCodec.Decode(utf8, schema: null);
        if (decoded.Object is not { } root) { throw new SchedulerConfigurationException(decoded.Error ?? $"a {Kind} is wanted"); }
        if (decoded.FieldErrors is [var first, ..]) { throw new SchedulerConfigurationException($"strict decoding error: {first}"); }
        CheckKind(root);
        var configuration = Decode(root, ConfigurationJson.Default.KubeSchedulerConfiguration, "");
        if (configuration.Profiles is [{ SchedulerName: "" } only]) { only.SchedulerName = KubeSchedulerProfile.DefaultName; }
        for (var index = 0; index < configuration.Profiles.Length; index++)
        {
            var profile = configuration.Profiles[index];
            profile.Arguments = DecodeArguments(profile.PluginConfig ?? [], $"profiles[{index}].pluginConfig");
        }
        var problems = ConfigurationValidation.Validate(configuration);
        return problems.Count == 0 ? configuration : throw new SchedulerConfigurationException(string.Join("; ", problems));
    }

    private static void CheckKind(JsonObject root)
    {
        var (version, kind) = ((root["apiVersion"] as JsonValue)?.ToString(), (root["kind"] as JsonValue)?.ToString());
        if (version != ApiVersion || kind != Kind)
        {
            throw new SchedulerConfigurationException($"no kind \"{kind}\" is registered for version \"{version}\": {Kind} of {ApiVersion} is");
        }
    }

    private static PluginArguments DecodeArguments(PluginConfig[] configs, string path)
    {
        var arguments = new PluginArguments();
        for (var index = 0; index < configs.Length; index++)
        {
            var config = configs[index];
            var (at, args) = ($"{path}[{index}].args", config.Args ?? []);
            arguments = config.Name switch
            {
                "DefaultPreemption" => arguments with { DefaultPreemption = Decode(args, ConfigurationJson.Default.DefaultPreemptionArgs, at) },
                "InterPodAffinity" => arguments with { InterPodAffinity = Decode(args, ConfigurationJson.Default.InterPodAffinityArgs, at) },
                "NodeAffinity" => arguments with { NodeAffinity = Decode(args, ConfigurationJson.Default.NodeAffinityArgs, at) },
                "NodeResourcesBalancedAllocation" => arguments with
                {
                    NodeResourcesBalancedAllocation = Decode(args, ConfigurationJson.Default.NodeResourcesBalancedAllocationArgs, at),
                },
                "NodeResourcesFit" => arguments with { NodeResourcesFit = Decode(args, ConfigurationJson.Default.NodeResourcesFitArgs, at) },
                "PodTopologySpread" => arguments with { PodTopologySpread = Decode(args, ConfigurationJson.Default.PodTopologySpreadArgs, at) },
                "VolumeBinding" => arguments with { VolumeBinding = Decode(args, ConfigurationJson.Default.VolumeBindingArgs, at) },
                _ when DefaultPlugins.Exists(config.Name) => throw new SchedulerConfigurationException($"{at}: plugin \"{config.Name}\" takes no arguments"),
                _ => throw new SchedulerConfigurationException($"{path}[{index}]: plugin \"{config.Name}\" does not exist"),
            };
        }
        return arguments;
    }

    private static T Decode<T>(JsonObject tree, JsonTypeInfo<T> type, string path) where T : class
    {
        try
        {
            return tree.Deserialize(type)!;
        }
        catch (JsonException exception)
        {
            throw new SchedulerConfigurationException(Explain(exception, path));
        }
    }

    private static string Explain(JsonException exception, string path)
    {
        var field = new StringBuilder(path).Append(exception.Path?.TrimStart('$')).ToString().TrimStart('.');
        return exception.Message.Contains("could not be mapped to any", StringComparison.Ordinal)
            ? $"strict decoding error: unknown field \"{field}\""
            : $"{field}: {exception.Message.Split(" Path:")[0]}";
    }
}
