namespace Flotilla.ClusterCore.Scheduler.Framework;

internal static class ScoreNormalization
{
    /// <summary>Stretches scores so that the highest becomes 100; reversed, the lowest raw score is the best.</summary>
    public static void ByMaximum(Span<long> scores, bool reverse)
    {
        var max = 0L;
        foreach (var score in scores) { max = Math.Max(max, score); }
        if (max == 0)
        {
            if (reverse) { scores.Fill(IScorePlugin.Max); }
            return;
        }
        for (var index = 0; index < scores.Length; index++)
        {
            var score = IScorePlugin.Max * scores[index] / max;
            scores[index] = reverse ? IScorePlugin.Max - score : score;
        }
    }
}
